// The site's scripts. Every page works without them.
import htmx from "htmx.org";

// The site's policy allows neither inline styles nor code made out of text.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
