import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { handler } from "../../examples/deploy/handler.js";
import { buildHandler } from "./support/serverless.js";

const folder = new URL("../../examples/deploy/", import.meta.url);
const context = {
	invokedFunctionArn: "arn:aws:lambda:eu-north-1:123456789012:function:orders",
	getRemainingTimeInMillis: () => 10_000,
} as Context;

describe("handler.ts", () => {
	afterEach(() => {
		jest.restoreAllMocks();
	});

	test("answers an HTTP request", async () => {
		const event = { rawPath: "/orders" } as APIGatewayProxyEventV2;
		expect(await handler(event, context)).toMatchObject({ statusCode: 200, body: '{"path":"/orders"}' });
	});

	test("takes a ping before anything that expects an HTTP event", async () => {
		jest.spyOn(console, "log").mockReturnValue(undefined);
		const ping = { warmer: true, test: true } as unknown as APIGatewayProxyEventV2;
		expect(await handler(ping, context)).toBe("warmed");
	});

	test("becomes one file that takes the SDK from Lambda's runtime", async () => {
		const folder = mkdtempSync(join(tmpdir(), "handler-"));
		const { metafile } = await buildHandler(join(folder, "handler.mjs"));
		expect(readdirSync(folder)).toEqual(["handler.mjs"]);
		rmSync(folder, { recursive: true });
		expect(Object.values(metafile.outputs)[0]?.exports).toEqual(["handler"]);
		expect(Object.keys(metafile.inputs).filter((file) => file.includes("@aws-sdk"))).toEqual([]);
	});
});

test("the files that the README names are there", () => {
	const readme = readFileSync(new URL("README.md", folder), "utf8");
	const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? "");
	expect(links.length).toBeGreaterThan(6);
	for (const link of links) expect([link, existsSync(new URL(link, folder))]).toEqual([link, true]);
});
