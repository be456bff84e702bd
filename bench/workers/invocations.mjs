// Prints how many invocations a ping sends whose children all answer from environments of their own.
// Usage: node invocations.mjs <concurrency>
import warmup from "middy-lambda-warmer";
import { context } from "./requests.mjs";

const concurrency = Number(process.argv[2]);
let sent = 0;

class AwsClient {
	async send() {
		sent++;
		return {
			StatusCode: 200,
			Payload: Buffer.from(
				JSON.stringify({
					action: "warmer",
					id: `environment ${sent}`,
					start: "warm",
					startedAt: Date.now(),
				}),
			),
		};
	}
}

await warmup({ AwsClient, log: false }).before({
	event: { warmer: true, concurrency },
	context,
});
process.stdout.write(String(sent));
