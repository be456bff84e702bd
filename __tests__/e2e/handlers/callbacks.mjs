import middy from "@middy/core";
import warmup from "middy-lambda-warmer";
import { diagnose } from "./diagnostics.mjs";

/** A callback that never comes to an end. */
const hang = () => new Promise(() => {});
const reject = async () => {
	throw new Error("no luck");
};
const throwError = () => {
	throw new Error("no luck");
};
const misbehaviors = { hang, reject, throw: throwError, nonsense: () => 7 };

const { CALLBACK = "", MISBEHAVIOR = "" } = process.env;

/** A service of which one callback misbehaves. */
export const handler = middy()
	.use(
		warmup({
			delay: 0,
			[CALLBACK]: (...values) => {
				// What `log` gets would be lost otherwise.
				if (CALLBACK === "log") console.log(...values);
				return misbehaviors[MISBEHAVIOR]();
			},
		}),
	)
	.handler(async (event) => ({ event, ...diagnose() }));
