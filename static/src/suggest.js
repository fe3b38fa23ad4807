// @ts-check
// Suggestions under a box: the combobox pattern of the ARIA practices guide. Who uses it fetches them, puts them into the
// list and calls `filled`; `take` is told which option was chosen. Without a script the box is a plain field of a form.

/**
 * @param {HTMLInputElement} box
 * @param {HTMLElement} list
 * @param {HTMLElement} status with what is said of suggestions, some or none, in `data-some` and `data-none`
 * @param {(option: HTMLElement) => void} take
 */
export function combobox(box, list, status, take) {
  const options = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=option]")]);
  let chosen = -1;

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);

  /** @param {boolean} open */
  function show(open) {
    list.hidden = !open;
    box.setAttribute("aria-expanded", String(open));
    if (!open) choose(-1);
  }

  /** @param {number} index */
  function choose(index) {
    chosen = index;
    for (const [position, option] of options().entries()) {
      option.setAttribute("aria-selected", String(position === index));
    }
    const option = options()[index];
    if (option) {
      box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      box.removeAttribute("aria-activedescendant");
    }
  }

  box.addEventListener("keydown", (event) => {
    const number = options().length;
    if (event.key === "Escape" && !list.hidden) {
      show(false);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && number) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      show(true);
      // One place more than there are options: beyond either end lies the box itself.
      choose(((chosen + 1 + step + number + 1) % (number + 1)) - 1);
    } else if (event.key === "Enter" && chosen >= 0) {
      take(options()[chosen]);
    } else {
      return;
    }
    event.preventDefault();
  });

  // What comes after the box was emptied, or left, is not shown.
  function filled() {
    const number = options().length;
    for (const [index, option] of options().entries()) option.id ||= `${list.id}-${index + 1}`;
    const asked = box.value.trim() !== "";
    show(number > 0 && asked && document.activeElement === box);
    const { some = "", none = "" } = status.dataset;
    const told = number ? some.replace("{n}", String(number)) : none;
    status.textContent = asked ? told : "";
  }

  box.addEventListener("focus", () => show(options().length > 0 && box.value.trim() !== ""));
  box.addEventListener("blur", () => show(false));
  // A click would take the focus from the box, and hide what is clicked before it is.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[role=option]"));
    if (option && !option.hasAttribute("href")) take(option); // a link is followed by itself
  });
  show(false);
  return { filled };
}
