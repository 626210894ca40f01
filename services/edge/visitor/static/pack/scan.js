// The camera inside the page: a sign's code opens its stop, from the phone where that has it.
import { watch } from "../../gate/camera.js";
import { scanned } from "./codes.js";

const page = document.querySelector("[data-scan]");
const part = (name) => page.querySelector(`[data-part=${name}]`);

let stop = null;
let leaving = false;
async function found(text) {
  if (leaving) return; // the camera sees the same sign until the page is gone
  const code = scanned(text);
  if (code) {
    leaving = true;
    stop?.();
    location.assign(`/g/${code}`);
    return;
  }
  part("said").hidden = false;
  part("said").textContent = code === "" ? page.dataset.foreign : page.dataset.mistyped;
}

async function start() {
  try {
    part("video").hidden = false;
    part("no-camera").hidden = true;
    stop = await watch(part("video"), found);
    part("start").hidden = true;
  } catch {
    part("video").hidden = true;
    part("no-camera").hidden = false;
  }
}

addEventListener("pageshow", (event) => event.persisted && location.reload()); // back again: another sign
part("start").hidden = !navigator.mediaDevices?.getUserMedia;
part("start").addEventListener("click", start);
page.dataset.ready = "yes";
