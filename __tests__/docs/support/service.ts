import { jest } from "@jest/globals";
import middy from "@middy/core";
import warmup, { type WarmupEntry } from "../../../src/index.js";
import { awsError, contextFor, fakeClient, logbook, payloadOf } from "../../support.js";

/**
 * Feeds an event to a function with the middleware.
 *
 * @param respond what becomes of its children; by default each is another environment
 * @returns its answer, what it logged, and the payloads of its children
 */
export async function feed(event: unknown, respond?: Parameters<typeof fakeClient>[0]) {
	const book = logbook();
	const client = fakeClient(respond);
	const business = jest.fn(async () => "business");
	const handler = middy()
		.use(
			warmup({
				AwsClient: client.AwsClient,
				log: book.log,
				targets: targetsIn(event),
			}),
		)
		.handler(business);
	const answer: unknown = await handler(event, contextFor());
	return {
		answer,
		reachedBusiness: business.mock.calls.length > 0,
		warnings: book.warnings(),
		sent: client.sent,
	};
}

/** Every ping inside a JSON value; one that is quoted, as a schedule's input is, included. */
export function pingsIn(value: unknown): unknown[] {
	if (typeof value === "string") {
		try {
			const parsed: unknown = JSON.parse(value);
			return typeof parsed === "object" ? pingsIn(parsed) : [];
		} catch {
			return [];
		}
	}
	if (isPing(value) || (Array.isArray(value) && value.length > 0 && value.every(isPing))) return [value];
	return typeof value === "object" && value !== null ? Object.values(value).flatMap(pingsIn) : [];
}

const isPing = (value: unknown): boolean => (value as { warmer?: unknown } | null)?.warmer === true;

/** Objects inside a value that look like a ping and are none. */
export function misspeltPings(value: unknown): unknown[] {
	if (typeof value !== "object" || value === null) return [];
	return [
		...("warmer" in value && value.warmer !== true ? [value] : []),
		...Object.values(value).flatMap(misspeltPings),
	];
}

function targetsIn(event: unknown): string[] {
	return [event].flat().flatMap((ping: unknown) => {
		const { target } = ping as { target?: unknown };
		return typeof target === "string" ? [target] : [];
	});
}

/** Entries of every action, with every field that they can have, from real pings. */
export async function sampleEntries(): Promise<WarmupEntry[]> {
	const book = logbook();
	const { AwsClient } = fakeClient((_, __, index) => {
		throw index % 2 ? awsError("TooManyRequestsException") : awsError("AccessDeniedException");
	});
	const handler = middy()
		.use(warmup({ AwsClient, log: book.log, minConcurrency: 3 }))
		.handler(async () => "business");
	const ping = { warmer: true, concurrency: 3 };
	await handler(ping, contextFor());
	await handler({ ...ping, concurrency: "auto" }, contextFor());
	const { AWS_LAMBDA_INITIALIZATION_TYPE: before } = process.env;
	process.env.AWS_LAMBDA_INITIALIZATION_TYPE = "provisioned-concurrency";
	await handler(ping, contextFor());
	if (before === undefined) delete process.env.AWS_LAMBDA_INITIALIZATION_TYPE;
	else process.env.AWS_LAMBDA_INITIALIZATION_TYPE = before;
	return book.entries;
}

/** The fields of a child's event, from a real ping. */
export async function childFields(): Promise<string[]> {
	const thisHour = Math.floor(Date.now() / 3_600_000);
	const { sent } = await feed({ warmer: true, concurrency: 2, demand: { [thisHour]: 6 } });
	return sent.flatMap((input) => Object.keys(payloadOf(input)));
}
