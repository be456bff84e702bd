/** Web frameworks that a ping starts, as docs/recipes.md says, so that requests do not wait for it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bundledRuntime, startLocalLambda } from "../../../local-lambda/index.js";
import { nodeBinary } from "../../../scripts/lib/installed.js";
import { type Folder, installedCopy } from "./support/installed.js";

let folder: Folder;
before(async () => {
	folder = await installedCopy("frameworks");
});
after(() => folder[Symbol.dispose]());

/** A request of an HTTP API, payload format 2.0. */
const request = {
	version: "2.0",
	routeKey: "$default",
	rawPath: "/orders",
	rawQueryString: "",
	headers: { host: "orders.example.com" },
	requestContext: {
		http: { method: "GET", path: "/orders", protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
		stage: "$default",
	},
	isBase64Encoded: false,
};

for (const framework of ["nest", "express", "fastify"]) {
	test(`${framework} is started by a ping, and by no request after it`, async () => {
		await using lambda = await startLocalLambda({
			functions: {
				api: {
					handler: join(folder.path, "handler.mjs"),
					runtime: [await nodeBinary(22), bundledRuntime],
					environment: { FRAMEWORK: framework },
					timeoutMs: 60_000,
				},
			},
		});
		const startCount = () => lambda.logs.filter(({ message }) => message === "started").length;
		const { payload } = await lambda.invoke("api", { warmer: true, concurrency: 2, report: true });
		await lambda.settle();
		assert.equal(JSON.parse(String(payload)).warmed, 2);
		assert.equal(startCount(), 2);

		const responses = await Promise.all([lambda.invoke("api", request), lambda.invoke("api", request)]);
		await lambda.settle();
		for (const response of responses) {
			const { statusCode, body } = response.payload as { statusCode: number; body: string };
			assert.deepEqual([statusCode, JSON.parse(body)], [200, { framework }]);
			assert.equal(response.coldStart, false);
		}
		assert.equal(startCount(), 2);
	});
}
