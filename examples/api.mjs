// The example: an HTTP API of the usual kind, with a slow start. Only its first middleware knows of warming.
import { createHmac, scryptSync } from "node:crypto";
import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

// The initialisation is real work, about 400 ms of one core: a key is derived, and a catalogue indexed for searching.
const signingKey = scryptSync("a passphrase", "a salt", 32, {
	N: 2 ** 14,
	p: 12,
});

const words = ["oak", "steel", "linen", "glass", "cork", "wool", "brass"];
const catalogue = Array.from({ length: 20_000 }, (_, number) => ({
	name: [1, 7, 49].map((place) => words[Math.floor(number / place) % words.length]).join(" "),
	number,
	price: 5 + ((number * 7919) % 995),
}));

/** Three letters to the products whose names have them. */
const index = new Map();
for (const product of catalogue) {
	for (let start = 0; start + 3 <= product.name.length; start++) {
		const letters = product.name.slice(start, start + 3);
		const found = index.get(letters) ?? new Set();
		index.set(letters, found.add(product));
	}
}

/** Business requests that this environment has served. */
let served = 0;

export const handler = middy()
	.use(warmup())
	.handler(async (event) => {
		served++;
		const products = [...(index.get(event.queryStringParameters.q) ?? [])]
			.sort((one, other) => one.price - other.price)
			.slice(0, 3);
		const body = JSON.stringify({ served, products });
		const signature = createHmac("sha256", signingKey).update(body).digest("hex");
		return { statusCode: 200, headers: { "x-signature": signature }, body };
	});
