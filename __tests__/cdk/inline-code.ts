import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import {
	type FunctionOptions,
	type LocalLambda,
	type LocalLambdaOptions,
	startLocalLambda,
} from "../../local-lambda/index.js";

/** The service that waits for the inline code's answer: what it got, and how it behaves. */
interface DeploymentService {
	/** Answers to CloudFormation, which go to a store. */
	answers: { body: Record<string, unknown>; headers: IncomingHttpHeaders }[];
	/** Answers to CodeDeploy. */
	lifecycleEvents: Record<string, unknown>[];
	url: string;
	/** Status of the stack. Undefined: CloudFormation refuses to tell. */
	stackStatus: string | undefined;
	/** HTTP status of CodeDeploy and of the store. */
	answerStatus: number;
}

/** A local Lambda with a pinged function, `orders`, and the inline code, `prewarm`. */
export interface InlineCodeRun {
	lambda: LocalLambda;
	service: DeploymentService;
	/** Invocations of `orders` by `prewarm`, of a version if it is named. */
	pings(qualifier?: string): LocalLambda["invocations"];
	stop(): Promise<void>;
	/** What `prewarm` logged. */
	logged(): string;
}

/**
 * Starts the inline code as Lambda does.
 *
 * @param environment variables of the inline code
 */
export const runInlineCode = async (
	code: string,
	orders: FunctionOptions,
	{ environment, ...options }: Partial<LocalLambdaOptions> & { environment?: Record<string, string> } = {},
): Promise<InlineCodeRun> => {
	const folder = mkdtempSync(join(tmpdir(), "prewarm-"));
	writeFileSync(join(folder, "index.cjs"), code);
	symlinkSync(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(folder, "node_modules"));
	const { service, close } = await startDeploymentService();
	const lambda = await startLocalLambda({
		...options,
		functions: {
			orders,
			prewarm: {
				handler: join(folder, "index.cjs"),
				timeoutMs: 60_000,
				environment: {
					AWS_ENDPOINT_URL_CLOUDFORMATION: service.url,
					AWS_ENDPOINT_URL_CODEDEPLOY: service.url,
					AWS_MAX_ATTEMPTS: "1",
					...environment,
				},
			},
		},
	});
	return {
		lambda,
		service,
		pings: (qualifier) =>
			lambda.invocations.filter(
				({ functionName, payload, ...invocation }) =>
					functionName === "orders" &&
					!Object.hasOwn(Object(payload), "__WARMER_INVOCATION__") &&
					(qualifier === undefined || invocation.qualifier === qualifier),
			),
		logged: () => JSON.stringify(lambda.logs.filter(({ functionName }) => functionName === "prewarm")),
		stop: async () => {
			await lambda.stop();
			close();
			rmSync(folder, { recursive: true });
		},
	};
};

const startDeploymentService = async () => {
	const service: DeploymentService = {
		answers: [],
		lifecycleEvents: [],
		url: "",
		stackStatus: "UPDATE_IN_PROGRESS",
		answerStatus: 200,
	};
	const respond = async (request: IncomingMessage): Promise<{ status: number; body: string }> => {
		const { method, headers } = request;
		const body = await text(request);
		if (method === "PUT") {
			service.answers.push({ body: JSON.parse(body), headers });
			return { status: service.answerStatus, body: "" };
		}
		if (`${headers["x-amz-target"]}`.endsWith(".PutLifecycleEventHookExecutionStatus")) {
			service.lifecycleEvents.push(JSON.parse(body));
			return { status: service.answerStatus, body: "{}" };
		}
		const status = service.stackStatus;
		return {
			status: status ? 200 : 403,
			body: `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackStatus>${status}</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
		};
	};
	const server = createServer(async (request, response) => {
		const { status, body } = await respond(request);
		response.writeHead(status, { "content-type": body.startsWith("{") ? "application/x-amz-json-1.1" : "text/xml" });
		response.end(body);
	});
	await new Promise<void>((resolve) => {
		server.listen(0, "127.0.0.1", resolve);
	});
	service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const close = () => {
		server.close();
		server.closeAllConnections();
	};
	return { service, close };
};
