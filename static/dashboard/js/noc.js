// Everything that a page of the NOC does by itself. Without any of it lists, forms and links still work.
import "./theme.js";
import "./time.js";
import "./copying.js";
import "./dialogs.js";
import "./printing.js";
import "./fragments.js";
import "./live.js";
import "./tail.js";
import "./command_search.js";
import "./plot.js";
import "./brush.js";
import "./palette.js";
import "./saved_views.js";
import "./keys.js";
import "./stations.js";
import "./wall.js";
