// A drawn map becomes one to move and to zoom: <figure data-map='{"pins": […], …}'>.
// Without a script the drawing stays, and the list beside it says the same in both.
const SOLO_ZOOM = 14;
const LEAST_ZOOM = 6;
const GROUND_M = 900;

const pin = (L, each) => {
  const mark = document.createElement("span");
  mark.className = ["map-pin", each.estimated && "map-pin--guess", each.shut && "map-pin--shut", each.end && "map-pin--end"].filter(Boolean).join(" ");
  mark.textContent = each.label;
  const icon = L.divIcon({ className: "map-pin__box", html: mark, iconSize: [48, 48], iconAnchor: [24, 24], popupAnchor: [0, -14] });
  const name = each.label ? `${each.label}: ${each.title}` : each.title;
  const marker = L.marker([each.lat, each.lng], { icon, title: name, alt: name, riseOnHover: true });
  const told = document.createElement("div");
  const title = document.createElement("strong");
  title.textContent = each.title;
  told.append(title);
  for (const text of [each.text].filter(Boolean)) {
    const line = document.createElement("p");
    line.textContent = text;
    told.append(line);
  }
  if (each.url) {
    const link = document.createElement("a");
    Object.assign(link, { href: each.url, textContent: each.link });
    told.append(link);
  }
  return marker.bindPopup(told);
};

const show = async (figure) => {
  const given = JSON.parse(figure.dataset.map);
  if (!given.pins.length) return;
  await import("../vendor/leaflet/leaflet.js");
  const L = globalThis.L;
  const drawing = figure.querySelector("svg");
  const box = document.createElement("div");
  box.className = "map-box";
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", given.words.title);
  (drawing ?? figure.firstElementChild).before(box);

  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const finger = matchMedia("(pointer: coarse)").matches;
  const map = L.map(box, {
    zoomControl: false, attributionControl: false, scrollWheelZoom: false, dragging: !finger, minZoom: LEAST_ZOOM,
    maxZoom: given.tiles?.most ?? 17, zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, zoomSnap: 0.5,
  });
  L.control.zoom({ zoomInTitle: given.words.closer, zoomOutTitle: given.words.farther }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  if (given.tiles) {
    L.tileLayer(given.tiles.url, { maxZoom: given.tiles.most, maxNativeZoom: given.tiles.most, referrerPolicy: "no-referrer" }).addTo(map);
    const credit = document.createElement("a");
    Object.assign(credit, { href: given.tiles.link, textContent: given.tiles.credit, lang: "ja", rel: "noreferrer" });
    L.control.attribution({ prefix: false }).addAttribution(credit.outerHTML).addTo(map);
  }
  // A finger scrolls the page past the map until its owner says that it shall move the map.
  if (finger) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "map-move", textContent: given.words.move });
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      map.dragging[on ? "enable" : "disable"]();
    });
    const Move = L.Control.extend({ onAdd: () => { L.DomEvent.disableClickPropagation(button); return button; } });
    new Move({ position: "topright" }).addTo(map);
  }
  box.addEventListener("focusin", () => map.scrollWheelZoom.enable());
  box.addEventListener("focusout", () => map.scrollWheelZoom.disable());

  const color = getComputedStyle(figure).getPropertyValue("--accent").trim();
  if (!given.tiles) {
    for (const each of given.pins) L.circle([each.lat, each.lng], { radius: GROUND_M, stroke: false, fillColor: color, fillOpacity: 0.08, interactive: false }).addTo(map);
  }
  if (given.line?.length > 1) L.polyline(given.line, { color, weight: 3, dashArray: "6 5", opacity: 0.8, interactive: false }).addTo(map);
  const markers = given.pins.map((each) => pin(L, each).addTo(map));
  const bounds = L.latLngBounds(given.pins.map((each) => [each.lat, each.lng]));
  const size = Math.max(bounds.getNorth() - bounds.getSouth(), bounds.getEast() - bounds.getWest());
  if (size < 0.002) map.setView(bounds.getCenter(), SOLO_ZOOM);
  else map.fitBounds(bounds, { padding: [32, 32], maxZoom: 16 });
  if (drawing) drawing.classList.add("map-drawn");
  const hint = figure.querySelector(".tt-tap");
  if (hint) hint.hidden = false;
  if (given.sets) sets(L, map, given, given.pins.at(-1).own && markers.at(-1));
};

// Where a pin is put: a tap on the map writes its numbers into the form, and nothing is kept by it.
const sets = (L, map, given, marker) => {
  const [north, east] = given.sets.map((id) => document.getElementById(id));
  const estimate = document.querySelector("input[name=quality][value=estimate]");
  const error = document.getElementById("f-error");
  map.on("click", ({ latlng }) => {
    const at = latlng.wrap();
    north.value = at.lat.toFixed(6);
    east.value = at.lng.toFixed(6);
    if (marker) marker.setLatLng(at);
    else marker = pin(L, { lat: at.lat, lng: at.lng, label: "●", title: given.words.title }).addTo(map);
    // Read from a map by eye: as far off as a fingertip is wide there.
    if (estimate) estimate.checked = true;
    const meters = Math.ceil((40_075_016 * Math.cos((at.lat * Math.PI) / 180)) / (256 * 2 ** map.getZoom()) * 12);
    if (error) error.value = String(Math.min(20_000, Math.max(5, meters)));
    north.dispatchEvent(new Event("input", { bubbles: true }));
  });
};

const figures = document.querySelectorAll("[data-map]");
if (figures.length) {
  const sheet = document.createElement("link");
  Object.assign(sheet, { rel: "stylesheet", href: new URL("../vendor/leaflet/leaflet.css", import.meta.url).href });
  sheet.addEventListener("load", () => { for (const figure of figures) show(figure); });
  document.head.prepend(sheet);
}
