// How a batch reaches the collector: one fetch.

/** An HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | null;
}

/** Sends one batch; rejects if there is no answer, or the signal cuts it. */
export interface Transport {
  post(body: string, headers: Record<string, string>, signal: AbortSignal): Promise<Answer>;
}

/** Posts to `<url>/v1/batch`, in browsers and in Node. */
export class FetchTransport implements Transport {
  readonly #url: string;
  readonly #timeoutMs: number;
  readonly #fetch: typeof fetch;

  constructor(url: string, timeoutMs: number, fetcher: typeof fetch = globalThis.fetch) {
    if (!/^https?:\/\/[^/]/.test(url)) throw new TypeError(`url=${url} must be http://… or https://…`);
    this.#url = `${url.replace(/\/+$/, "")}/v1/batch`;
    this.#timeoutMs = timeoutMs;
    this.#fetch = fetcher.bind(globalThis);
  }

  async post(body: string, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
    const response = await this.#fetch(this.#url, {
      method: "POST",
      body,
      headers,
      credentials: "omit",
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]),
    });
    return {
      status: response.status,
      body: await response.text(),
      retryAfter: response.headers.get("retry-after"),
    };
  }
}
