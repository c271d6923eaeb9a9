/** Cards: an order with how far it has come, a product with its price, a help page to read on. */

import { day, icon, make, words } from "./elements.js";

const STEPS = ["processing", "packed", "shipped", "out_for_delivery", "delivered"];
const STEP_NAMES = {
  processing: "Processing",
  packed: "Packed",
  shipped: "Shipped",
  out_for_delivery: "Out for delivery",
  delivered: "Delivered",
  cancelled: "Cancelled",
  return_requested: "Return requested",
  returned: "Returned",
};

/** A card as a list item; kinds that this widget does not know are shown by title and lines. */
export function card(data) {
  if (data.kind === "order") return orderCard(data);
  if (data.kind === "product") return productCard(data);
  if (data.kind === "help") return helpCard(data);
  return make("li.card", {}, cardHead("tag", data.title, null), lines(data.lines));
}

function orderCard(order) {
  return make(
    "li.card.order",
    {},
    cardHead("parcel", order.title || `Order ${order.order_id}`, order.order_id),
    progress(order.status),
    lines(order.lines),
    facts([
      ["Ordered", order.placed && day(order.placed)],
      [order.status === "delivered" ? "Delivered" : "Expected", order.eta && day(order.eta)],
      ["Total", order.total],
    ]),
  );
}

function productCard(product) {
  return make(
    "li.card.product",
    {},
    cardHead("tag", product.title, null),
    lines(product.lines),
    facts([["Price", product.price]]),
  );
}

/** A part of a help page; pages of other places are never linked. */
function helpCard(help) {
  const linked = /^\/help\/[\w#-]+$/.test(help.url ?? "");
  const title = linked
    ? make("a.card-link", { href: new URL(help.url, import.meta.url), target: "_blank", rel: "noopener", dir: "auto" },
      help.title, make("span.sr", {}, " (opens in a new tab)"))
    : help.title;
  return make(
    "li.card.help",
    {},
    make("div.card-head", {}, make("span.card-icon", {}, icon("page")), make("strong.card-title", {}, title || "")),
    lines([...(help.page && help.page !== help.title ? [help.page] : []), ...(help.lines ?? [])]),
  );
}

function cardHead(picture, title, number) {
  return make(
    "div.card-head",
    {},
    make("span.card-icon", {}, icon(picture)),
    make("strong.card-title", { dir: "auto" }, title || ""),
    number && number !== title && make("span.card-number", {}, number),
  );
}

function progress(status) {
  const reached = STEPS.indexOf(status);
  const name = STEP_NAMES[status] || words(status);
  if (reached < 0) return status ? make("p.badge", {}, name) : null;
  const steps = STEPS.map((step, place) =>
    make(place <= reached ? "li.step.done" : "li.step", place === reached ? { "aria-current": "step" } : {},
      make("span.sr", {}, `${STEP_NAMES[step]}${place < reached ? ", done" : ""}`)),
  );
  return make(
    "div.progress",
    {},
    make("p.progress-name", {}, make("strong", {}, name), make("span", {}, `step ${reached + 1} of ${STEPS.length}`)),
    make("ol.steps", { "aria-label": "How far the order has come" }, ...steps),
  );
}

function lines(texts) {
  if (!texts?.length) return null;
  return make("ul.lines", {}, ...texts.map((text) => make("li", { dir: "auto" }, String(text))));
}

function facts(pairs) {
  const known = pairs.filter(([, value]) => value);
  if (!known.length) return null;
  return make(
    "dl.facts",
    {},
    ...known.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, String(value)))),
  );
}
