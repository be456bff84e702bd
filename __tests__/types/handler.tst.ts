import middy, { type MiddlewareObj } from "@middy/core";
import type {
	APIGatewayProxyEventV2,
	APIGatewayProxyResultV2,
	APIGatewayProxyStructuredResultV2,
	Context,
	SQSBatchResponse,
	SQSEvent,
} from "aws-lambda";
import warmup from "middy-lambda-warmer";
import { describe, expect, test } from "tstyche";

/** A typed middleware that changes the event and the context, as those of Middy's that parse or load something do. */
declare const parseBody: () => MiddlewareObj<
	Omit<APIGatewayProxyEventV2, "body"> & { body: { name: string } },
	unknown,
	Error,
	Context & { user: string },
	{ secret: string }
>;

describe("a typed handler keeps its types", () => {
	test("its event and result", () => {
		const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyResultV2>()
			.use(warmup({ concurrency: 5 }))
			.handler(async (event, context) => {
				expect(event).type.toBe<APIGatewayProxyEventV2>();
				expect(context).type.toBe<Context>();
				return { statusCode: 200, body: event.rawPath };
			});
		expect<Parameters<typeof handler>[0]>().type.toBe<APIGatewayProxyEventV2>();
		expect<Awaited<ReturnType<typeof handler>>>().type.toBe<APIGatewayProxyResultV2>();
	});

	test("as it is without the middleware", () => {
		const bare = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>().handler(async ({ rawPath }) => ({
			statusCode: 200,
			body: rawPath,
		}));
		const warmed = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
			.use(warmup())
			.handler(async ({ rawPath }) => ({ statusCode: 200, body: rawPath }));
		expect(warmed).type.toBe(bare);
	});

	test("given to middy itself", () => {
		const handler = middy(
			async (event: SQSEvent): Promise<SQSBatchResponse> => ({
				batchItemFailures: event.Records.map(({ messageId }) => ({
					itemIdentifier: messageId,
				})),
			}),
		).use(warmup());
		expect<Parameters<typeof handler>[0]>().type.toBe<SQSEvent>();
		expect<Awaited<ReturnType<typeof handler>>>().type.toBe<SQSBatchResponse>();
	});

	test("typed inline at the handler as well", () => {
		const handler = middy<APIGatewayProxyEventV2>()
			.use(warmup())
			.handler(
				async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => ({
					body: event.rawPath,
				}),
			);
		expect<Parameters<typeof handler>[0]>().type.toBe<APIGatewayProxyEventV2>();
	});

	test("a result of the wrong type is still an error", () => {
		expect(
			middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>().use(warmup()).handler,
		).type.not.toBeCallableWith(async () => ({ statusCode: "200" }));
	});
});

describe("composes with other typed middlewares", () => {
	test("before them", () => {
		middy<APIGatewayProxyEventV2, APIGatewayProxyResultV2>()
			.use(warmup())
			.use(parseBody())
			.handler(async (event, context) => {
				expect(event.rawPath).type.toBe<string>();
				expect(context.user).type.toBe<string>();
				return { statusCode: 200, body: "" };
			});
	});

	test("after them", () => {
		middy<APIGatewayProxyEventV2, APIGatewayProxyResultV2>()
			.use(parseBody())
			.use(warmup())
			.handler(async (event, context) => {
				expect(event.rawPath).type.toBe<string>();
				expect(context.user).type.toBe<string>();
				return { statusCode: 200, body: "" };
			});
	});

	test("in either order alike, and in a list", () => {
		const first = middy<APIGatewayProxyEventV2>().use(warmup()).use(parseBody());
		const last = middy<APIGatewayProxyEventV2>().use(parseBody()).use(warmup());
		expect(first).type.toBe(last);
		expect(middy().use).type.toBeCallableWith([warmup(), parseBody()]);
	});

	test("with inline hooks", () => {
		middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
			.use(warmup())
			.before(({ event }) => {
				expect(event).type.toBe<APIGatewayProxyEventV2>();
			})
			.after(({ response }) => {
				expect(response).type.toBe<APIGatewayProxyStructuredResultV2 | null | undefined>();
			});
	});
});
