// The page of the studio. Each room has a module of its own; state.js holds what they share.
import { explore } from "./explore.js";
import { kept } from "./kept.js";
import { listen } from "./keys.js";
import { mix } from "./mix.js";
import { photograph } from "./photograph.js";
import { addRoom, openRooms } from "./rooms.js";
import { shape } from "./shape.js";
import { start } from "./state.js";

for (const [name, build] of Object.entries({ explore, shape, mix, photograph, kept })) addRoom(name, build);
await start();
listen();
openRooms();
