// The runtime of a local environment: polls the Runtime API, calls the handler, and reports the result. It follows
// aws-lambda-ric, which can take its place, but does not have to be installed and compiled.
import { existsSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const { AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT = "", _HANDLER = "" } = process.env;
const [hostname, port] = (AWS_LAMBDA_RUNTIME_API ?? "").split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");

/** @type {string | undefined} The invocation in progress. */
let requestId;
let initialized = false;

/**
 * @param {string} method
 * @param {string} path below `/2018-06-01/runtime`
 * @param {import('node:http').OutgoingHttpHeaders} headers
 * @param {(response: import('node:http').IncomingMessage) => void} onResponse
 */
const open = (method, path, headers, onResponse) =>
	request(
		{
			agent,
			hostname,
			port,
			method,
			path: `/2018-06-01/runtime${path}`,
			headers,
		},
		onResponse,
	);

/**
 * @param {string} method
 * @param {string} path
 * @param {string} [body]
 * @param {import('node:http').OutgoingHttpHeaders} [headers]
 * @returns {Promise<{ headers: import('node:http').IncomingHttpHeaders, body: string }>}
 */
const call = (method, path, body, headers = {}) =>
	new Promise((resolve, reject) => {
		open(method, path, headers, (response) => {
			let text = "";
			response.setEncoding("utf8");
			response.on("data", (chunk) => {
				text += chunk;
			});
			response.on("end", () => resolve({ headers: response.headers, body: text }));
		})
			.on("error", reject)
			.end(body);
	});

/** @param {unknown} error */
const describe = (error) =>
	error instanceof Error
		? {
				errorType: error.name,
				errorMessage: error.message,
				trace: error.stack?.split("\n") ?? [],
			}
		: { errorType: typeof error, errorMessage: String(error), trace: [] };

/** @param {unknown} _key @param {unknown} value */
const showErrors = (_key, value) =>
	value instanceof Error
		? {
				errorType: value.constructor.name,
				errorMessage: value.message,
				stackTrace: value.stack?.split("\n"),
				...value,
			}
		: value;

/** @param {string} level @returns {(message: unknown, ...rest: unknown[]) => void} */
const logger =
	(level) =>
	(message, ...rest) => {
		const entry = { timestamp: new Date().toISOString(), level, requestId: requestId ?? "-" };
		const text = () => format(message, ...rest);
		let line;
		try {
			line = JSON.stringify({ ...entry, message: rest.length ? text() : message }, showErrors);
		} catch {
			line = JSON.stringify({ ...entry, message: text() });
		}
		process.stdout.write(`${line}\n`);
	};

console.trace = logger("TRACE");
console.debug = logger("DEBUG");
console.info = console.log = logger("INFO");
console.warn = logger("WARN");
console.error = logger("ERROR");

const HttpResponseStream = {
	/** @param {ResponseStream} stream @param {unknown} prelude */
	from(stream, prelude) {
		stream.setContentType("application/vnd.awslambda.http-integration-response");
		stream.prelude = Buffer.concat([Buffer.from(JSON.stringify(prelude)), Buffer.alloc(8)]);
		return stream;
	},
};

/** The response of a streaming handler. Its prelude is sent with the first chunk, as in aws-lambda-ric. */
class ResponseStream extends Writable {
	/** @type {Buffer | undefined} */
	prelude;

	/** @param {string} id */
	constructor(id) {
		super();
		/** @type {Promise<void>} */
		this.accepted = new Promise((resolve, reject) => {
			this.request = open(
				"POST",
				`/invocation/${id}/response`,
				{
					"content-type": "application/octet-stream",
					"lambda-runtime-function-response-mode": "streaming",
					trailer: ["Lambda-Runtime-Function-Error-Type", "Lambda-Runtime-Function-Error-Body"],
					"transfer-encoding": "chunked",
				},
				(response) => response.resume().on("end", resolve),
			).on("error", reject);
		});
	}

	/** @param {string} type */
	setContentType(type) {
		this.request.setHeader("content-type", type);
	}

	/** @override @param {Buffer} chunk @param {string} _encoding @param {() => void} done */
	_write(chunk, _encoding, done) {
		if (this.prelude) this.request.write(this.prelude);
		this.prelude = undefined;
		this.request.write(chunk, done);
	}

	/** @override @param {() => void} done */
	_final(done) {
		this.request.end(done);
	}

	/** @param {unknown} error */
	fail(error) {
		const description = describe(error);
		this.request.addTrailers({
			"Lambda-Runtime-Function-Error-Type": description.errorType,
			"Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(description)).toString("base64"),
		});
		this.request.end();
	}
}

globalThis.awslambda = {
	HttpResponseStream,
	/** @param {Function} handler */
	streamifyResponse: (handler) => Object.assign(handler, { [STREAMING]: "response" }),
};

/** @param {string} path @param {unknown} error */
const reportError = (path, error) => {
	const description = describe(error);
	console.error(error);
	return call("POST", path, JSON.stringify(description), {
		"content-type": "application/json",
		"lambda-runtime-function-error-type": description.errorType,
	});
};

/** @param {unknown} error */
const crash = async (error) => {
	if (requestId) await reportError(`/invocation/${requestId}/error`, error);
	else if (!initialized) await reportError("/init/error", error);
	else console.error(error);
	process.exit(129);
};
process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);

const loadHandler = async () => {
	const [moduleName = "", ...exportPath] = _HANDLER.split(".");
	const file = [".js", ".mjs", ".cjs", ".mts", ".ts"]
		.map((extension) => join(LAMBDA_TASK_ROOT, moduleName + extension))
		.find((path) => existsSync(path));
	if (!file) {
		throw Object.assign(new Error(`Cannot find module '${moduleName}' in ${LAMBDA_TASK_ROOT}`), {
			name: "Runtime.ImportModuleError",
		});
	}
	const loaded = await import(pathToFileURL(file).href);
	const name = exportPath.join(".");
	const handler = loaded[name] ?? loaded.default?.[name];
	if (typeof handler === "function") return handler;
	throw Object.assign(new Error(`${_HANDLER} is undefined or not exported`), { name: "Runtime.HandlerNotFound" });
};

/** @param {import('node:http').IncomingHttpHeaders} headers */
const contextOf = (headers) => {
	const deadline = Number(headers["lambda-runtime-deadline-ms"]);
	return {
		functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
		functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
		memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
		logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
		logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
		awsRequestId: requestId,
		invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
		tenantId: headers["lambda-runtime-aws-tenant-id"],
		getRemainingTimeInMillis: () => deadline - Date.now(),
	};
};

/** @param {Function} handler @param {unknown} event @param {ReturnType<typeof contextOf>} context */
const serveBuffered = async (handler, event, context) => {
	const path = `/invocation/${requestId}`;
	try {
		const result = (await handler(event, context)) ?? null;
		await call("POST", `${path}/response`, JSON.stringify(result), { "content-type": "application/json" });
	} catch (error) {
		await reportError(`${path}/error`, error);
	}
};

/** @param {Function} handler @param {unknown} event @param {ReturnType<typeof contextOf>} context */
const serveStreaming = async (handler, event, context) => {
	const stream = new ResponseStream(String(requestId));
	try {
		await handler(event, stream, context);
		if (!stream.writableEnded) throw new Error("Response stream is not finished.");
	} catch (error) {
		console.error(error);
		stream.fail(error);
	}
	await stream.accepted;
};

const run = async () => {
	const handler = await loadHandler();
	const serve = handler[STREAMING] ? serveStreaming : serveBuffered;
	initialized = true;
	for (;;) {
		const next = await call("GET", "/invocation/next");
		requestId = String(next.headers["lambda-runtime-aws-request-id"]);
		process.env._X_AMZN_TRACE_ID = String(next.headers["lambda-runtime-trace-id"]);
		await serve(handler, JSON.parse(next.body), contextOf(next.headers));
		requestId = undefined;
		// A full pipe takes the rest later, when this process may be frozen.
		await new Promise((resolve) => process.stdout.write("", resolve));
	}
};

run().catch(crash);
