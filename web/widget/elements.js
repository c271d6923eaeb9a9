/** Small builders of DOM nodes. Text is always set as text: nothing of a conversation becomes markup. */

const SVG = "http://www.w3.org/2000/svg";

/** `make("p.note", {lang: "en"}, "text", node)`: an element with class names, attributes and children. */
export function make(kind, attributes = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.classList.add(...classes);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const PATHS = {
  chat: "M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-4.6 4.1c-.5.5-1.4.1-1.4-.6V16A2.5 2.5 0 0 1 4 13.5z",
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19V5M5.5 11.5L12 5l6.5 6.5",
  renew: "M12 5v14M5 12h14",
  sliders: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
  flame: "M12 3c.6 3.4 5 5.4 5 10a5 5 0 0 1-10 0c0-1.7.8-3 1.8-4 .2 1.3.9 2 1.7 2.3C10.3 8.5 10.7 5.5 12 3z",
  parcel: "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
  tag: "M4 4h7l9 9-7 7-9-9zM8 8h.01",
  page: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  tick: "M5 12.5l4.5 4.5L19 7.5",
};

/** A line drawing that screen readers skip. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", class: `icon icon-${name}` })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** "24 November" from an ISO date; what is no date is shown as it is. */
export function day(value) {
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T12:00:00` : value);
  if (Number.isNaN(date.getTime())) return String(value);
  return new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" }).format(date);
}

/** "10:15" of an ISO time. */
export function clock(value) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(new Date(value));
}

/** "loyal high value" from `loyal_high_value`. */
export function words(name) {
  return String(name ?? "").replaceAll("_", " ");
}
