import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { FunctionConfig, InvokeResponse, Resource, Serverless } from "../../serverless/framework.js";
import WarmupPlugin from "../../serverless/index.js";

type Logged = [level: string, message: string];

/** A plugin in a stand-in for the framework, which runs hooks by their names. */
export interface Framework {
	readonly plugin: WarmupPlugin;
	readonly schemas: object[];
	readonly logged: Logged[];
	readonly resources: Record<string, Resource>;
	/** Runs what the plugin does at a point of the framework's life cycle. */
	readonly hook: (name: string) => Promise<void>;
}

/** What a framework is to know, of a service with the given functions. */
export interface Options {
	readonly functions: Readonly<Record<string, Partial<FunctionConfig>>>;
	readonly custom?: Serverless["service"]["custom"];
	readonly resources?: Record<string, Resource>;
	readonly shouldNotDeploy?: boolean;
	/** Answers invocations, as `provider.request` does. */
	readonly request?: (params: object) => Promise<InvokeResponse>;
	/** Settings for the AWS SDK's clients, as in osls 4, in place of `request`. */
	readonly sdkConfig?: object;
}

export function createFramework(options: Options): Framework {
	const {
		functions,
		custom,
		shouldNotDeploy = false,
		sdkConfig,
		request = () => Promise.reject(new Error("nothing answers")),
	} = options;
	const functionResources = Object.keys(functions).map((name): [string, Resource] => [
		`${name}Function`,
		{ Type: "AWS::Lambda::Function", Properties: { Role: { "Fn::GetAtt": ["Role", "Arn"] } } },
	]);
	const resources: Record<string, Resource> = {
		Role: { Type: "AWS::IAM::Role" },
		...Object.fromEntries(functionResources),
		...options.resources,
	};
	const schemas: object[] = [];
	const logged: Logged[] = [];
	const log = (level: string) => (message: string) => logged.push([level, message]);
	const serverless: Serverless = {
		service: {
			...(custom && { custom }),
			provider: { compiledCloudFormationTemplate: { Resources: resources }, shouldNotDeploy },
			getAllFunctions: () => Object.keys(functions),
			getFunction: (name) => ({ name: `shop-${name}`, ...functions[name] }),
		},
		classes: { Error: ServerlessError },
		configSchemaHandler: {
			defineCustomProperties: (schema) => schemas.push(schema),
			defineFunctionProperties: (_, schema) => schemas.push(schema),
		},
		getProvider: () => ({
			naming: {
				getLambdaLogicalId: (name) => `${name}Function`,
				getNormalizedFunctionName: (name) => name,
			},
			getStage: () => "dev",
			request: (_service, _method, params) => request(params),
			...(sdkConfig && { getAwsSdkV3Config: async () => sdkConfig }),
		}),
	};
	const plugin = new WarmupPlugin(
		serverless,
		{},
		{ log: { error: log("error"), warning: log("warning"), notice: log("notice"), info: log("info") } },
	);
	return { plugin, schemas, logged, resources, hook: async (name) => plugin.hooks[name]?.() };
}

class ServerlessError extends Error {
	readonly code: string;

	constructor(message: string, code: string) {
		super(message);
		this.code = code;
	}
}

/** What a function with the middleware answers to a ping with `report: true`. */
export function reportAnswer(report: object): string {
	return JSON.stringify(JSON.stringify({ action: "warmer-report", requested: 5, warmed: 5, errors: [], ...report }));
}

/** An invocation that reached the stand-in for Lambda. */
export interface Invocation {
	readonly path: string;
	readonly payload: unknown;
}

/** A stand-in for Lambda's Invoke API, with answers in their order. */
export async function startLambda(
	answers: readonly string[],
): Promise<{ endpoint: string; invocations: Invocation[] } & AsyncDisposable> {
	const invocations: Invocation[] = [];
	const server = createServer(async (request, response) => {
		let body = "";
		for await (const chunk of request) body += chunk;
		const answer = answers[invocations.length] ?? '"no more answers"';
		invocations.push({ path: decodeURIComponent(request.url ?? ""), payload: JSON.parse(body) });
		response.setHeader("content-type", "application/json").end(answer);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		invocations,
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
