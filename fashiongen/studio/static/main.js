// The page of the studio. Each view has a module of its own; state.js holds what they share.
import { explore } from "./explore.js";
import { kept } from "./kept.js";
import { listen } from "./keys.js";
import { mix } from "./mix.js";
import { photograph } from "./photograph.js";
import { addView, openViews } from "./views.js";
import { shape } from "./shape.js";
import { start } from "./state.js";

for (const [name, build] of Object.entries({ explore, shape, mix, photograph, kept })) addView(name, build);
await start();
listen();
openViews();
