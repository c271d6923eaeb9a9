/** Whose preferences: the token of the conversation that the page was opened from, and the calls made with it. */

const KEPT = "rapport:preferences";

/** The token comes in the fragment, which no server sees, and is taken out of the address at once. */
function arrivedToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("session");
  if (token) {
    sessionStorage.setItem(KEPT, token);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEPT);
}

export class Session {
  #token = arrivedToken();

  get known() {
    return this.#token !== null;
  }

  /** Resolves to what the server answers; rejects with an Error whose message may be shown. */
  async call(method, path, body) {
    const headers = { Authorization: `Bearer ${this.#token}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(`/api/preferences${path}`, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      });
    } catch {
      throw new Error("We can't be reached just now.");
    }
    if (response.status === 401) {
      this.#token = null;
      sessionStorage.removeItem(KEPT);
      throw new Error("Your session has ended. Open this page from the chat again.");
    }
    const text = await response.text();
    const answer = text ? JSON.parse(text) : null;
    if (!response.ok) throw new Error(answer?.detail || "The server refused this.");
    return answer;
  }
}
