// The site's scripts. Every page works without them.
import "htmx.org";
