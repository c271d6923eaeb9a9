/** A shelf and a basket, so that there is something to look at. */

import { button, element } from "/demo/elements.js";

const KEPT = "demo:basket";
const pounds = (amount) => amount.toLocaleString("en-GB", { style: "currency", currency: "GBP" });

const basket = document.querySelector("#basket");
const lines = document.querySelector("#basket-lines");
const sum = document.querySelector("#basket-sum");

let rapport;
let products = [];
let inBasket = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");

/** Show the shelf; what is looked at and put into the basket is told to `told`. */
export async function openShop(told) {
  rapport = told;
  const response = await fetch("/api/demo/products");
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  products = answer.products;
  document.querySelector("#shelf").replaceChildren(...products.map(card));
  basket.addEventListener("toggle", () => {
    if (basket.open) rapport.cartViewed(bought().map(({ product, quantity }) => ({ ...facts(product), quantity })));
  });
  showBasket();
}

const facts = ({ sku, name, category, price, currency }) => ({ sku, name, category, price, currency });
const bought = () =>
  products
    .map((product) => ({ product, quantity: inBasket[product.sku] ?? 0 }))
    .filter(({ quantity }) => quantity > 0);

function card(product) {
  const about = element("p", "description", product.description);
  about.id = `about-${product.sku}`;
  about.hidden = true;
  const more = button("quiet", "Details", () => {
    about.hidden = !about.hidden;
    more.setAttribute("aria-expanded", String(!about.hidden));
    if (!about.hidden) rapport.productViewed(facts(product));
  });
  more.setAttribute("aria-expanded", "false");
  more.setAttribute("aria-controls", about.id);
  more.setAttribute("aria-label", `Details of ${product.name}`);
  const add = button("add", "Add to basket", () => change(product, 1));
  add.setAttribute("aria-label", `Add to basket: ${product.name}`);
  const buttons = element("p", "buttons");
  buttons.append(more, add);
  const item = element("li", "product");
  item.append(element("h3", "", product.name), element("p", "price", pounds(product.price)), about, buttons);
  return item;
}

function change(product, by) {
  inBasket = { ...inBasket, [product.sku]: (inBasket[product.sku] ?? 0) + by };
  sessionStorage.setItem(KEPT, JSON.stringify(inBasket));
  if (by > 0) rapport.productAdded(facts(product), by);
  else rapport.productRemoved(facts(product), -by);
  showBasket();
}

function showBasket() {
  const taken = bought();
  const count = taken.reduce((all, { quantity }) => all + quantity, 0);
  const total = taken.reduce((all, { product, quantity }) => all + product.price * quantity, 0);
  sum.textContent = count ? `${count} ${count === 1 ? "item" : "items"}, ${pounds(total)}` : "empty";
  lines.replaceChildren(...taken.map(line));
}

function line({ product, quantity }) {
  const item = element("li", "", `${quantity} × ${product.name}, ${pounds(product.price * quantity)} `);
  const remove = button("quiet", "Remove one", () => {
    change(product, -1);
    (lines.querySelector("button") ?? basket.querySelector("summary")).focus();
  });
  remove.setAttribute("aria-label", `Remove one: ${product.name}`);
  item.append(remove);
  return item;
}
