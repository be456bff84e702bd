import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "@jest/globals";
import middy from "@middy/core";
import warmup, { type WarmupOptions } from "../../src/index.js";
import { awsError, contextFor, fakeClient, logbook, until } from "../support.js";
import { page, root, tableWith } from "./support/markdown.js";

const source = readFileSync(new URL("src/report/errors.ts", root), "utf8");

test.each([...page("docs/troubleshooting.md").text.matchAll(/hint "([^"]+)"/g)].map(([, hint = ""]) => hint))(
	"the hint %j is one that the report has",
	(hint) => {
		expect(source).toContain(hint);
	},
);

describe("the warnings are those that the middleware logs", () => {
	const book = logbook();
	const serve = (event: unknown, options: WarmupOptions = {}) =>
		middy()
			.use(warmup({ AwsClient: fakeClient().AwsClient, log: book.log, ...options }))
			.handler(async () => "business")(event, contextFor(undefined, 300));
	const fail = () => {
		throw new Error("why");
	};
	const hang = () => new Promise(() => {});
	const ping = { warmer: true, concurrency: 2 };
	const refusing = fakeClient(() => {
		throw awsError("TooManyRequestsException");
	});

	beforeAll(async () => {
		await serve({ ...ping, target: "other" });
		await serve({ ...ping, concurrency: "many" });
		await serve({ ...ping, concurrency: 51 });
		await serve(Array(1001).fill(ping));
		await serve(ping, { AwsClient: refusing.AwsClient });
		for (const callback of [fail, hang]) await serve(ping, { onWarmup: callback, onReport: callback });
		for (const callback of [fail, () => 1 as never]) {
			await serve(ping, { correlationId: callback });
			await serve({}, { isWarmingUp: callback });
		}
		await until(() => book.warnings().filter((warning) => warning.startsWith("isWarmingUp")).length === 2);
	});

	test.each(
		tableWith(page("docs/troubleshooting.md"), "warning").flatMap(([cell = ""]) =>
			[...cell.matchAll(/`([^`]+)`/g)].map(([, warning = ""]) => warning),
		),
	)("%s", (warning) => {
		const parts = warning.split("…").map((part) => part.replace(/[^\w\s]/g, "\\$&"));
		expect(book.warnings()).toContainEqual(expect.stringMatching(new RegExp(`^${parts.join(".*")}$`)));
	});
});
