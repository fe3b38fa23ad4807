// @ts-check
// Where something on the map leads.

/** @import { Arc, Place } from "./data.js" */
/** @import { Settings } from "./settings.js" */
/** @import { Target } from "./targets.js" */

/**
 * The address of a page about something on the map; empty for what is to be seen closer.
 * @param {Target} target
 * @param {Settings} settings
 */
export function addressOf(target, settings) {
  if (target.kind === "country") {
    return settings.addresses.country.replace("X", target.country.code.toLowerCase());
  }
  return target.kind === "place" ? addressOfPlace(target.place, settings) : addressOfArc(target.arc, settings);
}

/**
 * @param {Place} place
 * @param {Settings} settings
 */
function addressOfPlace({ towns, reference }, { addresses, members, points }) {
  if (points) return reference;
  if (towns === 1) return addresses.town.replace("X", reference);
  if (!reference.includes(",") || members) return "";
  // Towns at one point: closer they do not come apart.
  return `${addresses.agreements}?${new URLSearchParams({ town: reference, past: "1", domestic: "1" })}`;
}

/**
 * @param {Arc} arc
 * @param {Settings} settings
 */
function addressOfArc({ a, b, reference }, { addresses, query }) {
  if (reference) return addresses.agreement.replace("X", reference);
  if (!a.country || !b.country) return "";
  const parameters = new URLSearchParams(query);
  for (const name of ["agreement", "members", "country", "partner", "town"]) parameters.delete(name);
  if (a.towns === 1) parameters.set("town", a.reference);
  else parameters.set("country", a.country);
  parameters.set("partner", b.country);
  if (a.country === b.country) parameters.set("domestic", "1");
  return `${addresses.agreements}?${parameters}`;
}
