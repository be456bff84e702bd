// A parent to be killed: prints the process ids of a frozen and of a busy environment and the file of its certificate,
// and keeps running.
import { startLocalLambda } from "../../local-lambda/index.js";

const lambda = await startLocalLambda({
	functions: {
		api: {
			handler: new URL("./handlers/echo.mjs", import.meta.url),
			timeoutMs: 900_000,
			memoryMb: 1769,
		},
	},
	tls: {},
});
await Promise.all([lambda.invoke("api", { waitMs: 100 }), lambda.invoke("api", { waitMs: 100 })]);
await lambda.settle();
void lambda.invoke("api", { waitMs: 800_000 });
console.log(
	JSON.stringify({
		environments: lambda.timeline.environments().map(({ pid }) => pid),
		certificate: lambda.variables.NODE_EXTRA_CA_CERTS,
	}),
);
