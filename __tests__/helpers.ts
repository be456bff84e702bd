import type {
	InvokeCommand,
	InvokeCommandInput,
	InvokeCommandOutput,
} from "@aws-sdk/client-lambda";
import { jest } from "@jest/globals";
import type { Context } from "aws-lambda";
import type { InvokingClient, WarmupEntry } from "../src/index.js";

export const arn = "arn:aws:lambda:eu-west-1:123456789012:function:api";

/** A Lambda context with what the middleware and Middy read of it. */
export const contextFor = (
	invokedFunctionArn = arn,
	remaining = 3000,
): Context =>
	({
		invokedFunctionArn,
		getRemainingTimeInMillis: () => remaining,
	}) as Context;

/** Makes what is imported from now on believe that it is in a new execution environment. */
export const newEnvironment = (): void => {
	jest.resetModules();
	Reflect.deleteProperty(globalThis, Symbol.for("middy-lambda-warmer"));
};

/** What a child was sent, as an object. */
export const payloadOf = (input: InvokeCommandInput): Record<string, unknown> =>
	JSON.parse(Buffer.from(input.Payload as Uint8Array).toString());

/** A 200 of the Invoke API with this body. */
export const answer = (body: string): InvokeCommandOutput => ({
	$metadata: {},
	StatusCode: 200,
	Payload: Buffer.from(body) as never,
});

/** What a verifying child answers, as a standard handler's runtime sends it: a quoted string. */
export const identity = (
	id: string,
	{ start = "warm", startedAt = Date.now() } = {},
): InvokeCommandOutput =>
	answer(
		JSON.stringify(JSON.stringify({ action: "warmer", id, start, startedAt })),
	);

type Responder = (
	payload: Record<string, unknown>,
	input: InvokeCommandInput,
	index: number,
	signal: AbortSignal,
) => InvokeCommandOutput | Promise<InvokeCommandOutput>;

/** A client class that answers as a function says, and the invocations it was asked for. */
export const fakeClient = (
	respond: Responder = (payload) =>
		identity(`child ${payload.__WARMER_INVOCATION__}`),
): {
	AwsClient: new () => InvokingClient;
	sent: InvokeCommandInput[];
} => {
	const sent: InvokeCommandInput[] = [];
	return {
		sent,
		AwsClient: class {
			async send(
				{ input }: InvokeCommand,
				{ abortSignal }: { abortSignal: AbortSignal },
			) {
				sent.push(input);
				return respond(payloadOf(input), input, sent.length - 1, abortSignal);
			}
		},
	};
};

/** An error as the SDK throws it. */
export const awsError = (name: string, message = name): Error =>
	Object.assign(new Error(message), { name });

/** A `log` option that keeps what it gets, and finds it again by its action. */
export const logbook = () => {
	const entries: WarmupEntry[] = [];
	const of = <Action extends WarmupEntry["action"]>(action: Action) =>
		entries.filter(
			(entry): entry is Extract<WarmupEntry, { action: Action }> =>
				entry.action === action,
		);
	return {
		entries,
		log: (entry: WarmupEntry): void => {
			entries.push(entry);
		},
		records: () => of("warmer"),
		reports: () => of("warmer-report"),
		warnings: () => of("warmer-warning").map(({ message }) => message),
	};
};

/** An object whose fields are getters that throw. */
export const throwing = (...fields: string[]): object =>
	Object.defineProperties(
		{},
		Object.fromEntries(
			fields.map((field) => [
				field,
				{
					enumerable: true,
					get: () => {
						throw new Error("getter");
					},
				},
			]),
		),
	);

/** A proxy that objects to being looked at. */
export const hostile: object = new Proxy(
	{},
	{
		get: () => {
			throw new Error("get");
		},
		getOwnPropertyDescriptor: () => {
			throw new Error("descriptor");
		},
	},
);
