// A drawn map becomes one to move and to zoom: <figure data-map='{"pins": […], …}'>.
// Without a script the drawing stays, and the list beside it says the same in both.
const SOLO_ZOOM = 14;
const LEAST_ZOOM = 6;
const GROUND_M = 900;
const CLOSER_BY = 1.5;  // zooms

const told = (each) => {
  const box = document.createElement("div");
  const title = document.createElement("strong");
  title.textContent = each.title;
  box.append(title);
  if (each.text) {
    const line = document.createElement("p");
    line.textContent = each.text;
    box.append(line);
  }
  if (each.url) {
    const link = document.createElement("a");
    Object.assign(link, { href: each.url, textContent: each.link });
    box.append(link);
  }
  return box;
};

// One mark of one place, or of several that lie close together: each is told behind it.
const pin = (L, all, { quiet = false } = {}) => {
  const [each] = all;
  const mark = document.createElement("span");
  const every = (what) => all.every((one) => one[what]);
  mark.className = ["map-pin", every("estimated") && "map-pin--guess", all.some((one) => one.shut) && "map-pin--shut", each.end && "map-pin--end", each.own && "map-pin--own"].filter(Boolean).join(" ");
  mark.textContent = each.label;
  const icon = L.divIcon({ className: "map-pin__box", html: mark, iconSize: [40, 40], iconAnchor: [20, 20], popupAnchor: [0, -12] });
  const titles = all.map((one) => one.title).join(", ");
  const name = each.label && !each.own ? `${each.label}: ${titles}` : titles;
  const middle = (what) => all.reduce((sum, one) => sum + one[what], 0) / all.length;
  const marker = L.marker([middle("lat"), middle("lng")], { icon, title: quiet ? "" : name, alt: name, interactive: !quiet, keyboard: !quiet, riseOnHover: true });
  if (quiet) return each.named ? marker.bindTooltip(each.title, { permanent: true, direction: "right", offset: [8, 0], className: "map-name" }) : marker;
  const box = document.createElement("div");
  box.append(...all.map(told));
  return marker.bindPopup(box);
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
  if (!given.tiles && !given.sets) {
    for (const each of given.pins) L.circle([each.lat, each.lng], { radius: GROUND_M, stroke: false, fillColor: color, fillOpacity: 0.06, interactive: false }).addTo(map);
  }
  if (given.line?.length > 1) L.polyline(given.line, { color, weight: 3, dashArray: "6 5", opacity: 0.8, interactive: false }).addTo(map);
  const bounds = L.latLngBounds(given.pins.map((each) => [each.lat, each.lng]));
  const own = given.sets ? given.pins.find((each) => each.own) : null;
  const size = Math.max(bounds.getNorth() - bounds.getSouth(), bounds.getEast() - bounds.getWest());
  if (own) map.setView([own.lat, own.lng], SOLO_ZOOM);
  else if (size < 0.002) map.setView(bounds.getCenter(), SOLO_ZOOM);
  else map.fitBounds(bounds, { padding: [28, 28], maxZoom: 16 });
  const markers = given.pins.map((each) => pin(L, [each], { quiet: Boolean(given.sets) }));
  const apart = L.layerGroup(markers);
  const groups = Object.values(Object.groupBy?.(given.pins, (each) => each.label || `${each.lat} ${each.lng}`) ?? {});
  if (given.sets || given.line || !groups.length) apart.addTo(map);
  else together(L, map, apart, L.layerGroup(groups.map((all) => pin(L, all))));
  if (drawing) drawing.classList.add("map-drawn");
  const hint = figure.querySelector(".tt-tap");
  if (hint) hint.hidden = false;
  if (given.sets) sets(L, map, given, own && markers[given.pins.indexOf(own)]);
};

// Places that share a letter are one mark until somebody comes closer.
const together = (L, map, apart, grouped) => {
  const from = map.getZoom() + CLOSER_BY;
  const choose = () => {
    const [shown, gone] = map.getZoom() >= from ? [apart, grouped] : [grouped, apart];
    gone.remove();
    shown.addTo(map);
  };
  map.on("zoomend", choose);
  choose();
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
    else marker = pin(L, [{ lat: at.lat, lng: at.lng, label: "●", title: given.words.title, own: true }], { quiet: true }).addTo(map);
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
