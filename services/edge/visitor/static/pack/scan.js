// The camera inside the page: a sign's code opens its stop, from the phone where that has it.
import { watch } from "../../gate/camera.js";
import { scanned } from "./codes.js";

const page = document.querySelector("[data-scan]");
const part = (name) => page.querySelector(`[data-part=${name}]`);

async function found(text) {
  const code = scanned(text);
  if (code) {
    stop?.();
    location.assign(`/g/${code}`);
    return;
  }
  part("said").hidden = false;
  part("said").textContent = code === "" ? page.dataset.foreign : page.dataset.mistyped;
}

let stop = null;
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

part("start").hidden = !navigator.mediaDevices?.getUserMedia;
part("start").addEventListener("click", start);
page.dataset.ready = "yes";
