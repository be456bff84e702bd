/** The response to an invocation whose environment failed. */
export interface FunctionError {
	type: string;
	message: string;
}

/** A timeout. @param afterMs the limit that was exceeded */
export const timedOut = (afterMs: number): FunctionError => ({
	type: "Sandbox.Timedout",
	message: `Task timed out after ${(afterMs / 1000).toFixed(2)} seconds`,
});

/** The end of a process. @param reason what follows "Runtime exited": of `exitReason`, or another */
export const exited = (reason: string): FunctionError => ({
	type: "Runtime.ExitError",
	message: `Runtime exited ${reason}`,
});

/** How a process ended, in Lambda's words. */
export const exitReason = (code: number | null, signal: NodeJS.Signals | null): string => {
	if (signal === "SIGKILL") return "with error: signal: killed";
	if (signal) return `with error: signal: ${signal}`;
	return code === 0 ? "without providing a reason" : `with error: exit status ${code}`;
};

/** The payload of a function error. */
export const errorPayload = ({ type, message }: FunctionError, requestId: string): Buffer =>
	Buffer.from(JSON.stringify({ errorType: type, errorMessage: `RequestId: ${requestId} Error: ${message}` }));

/** The error type in the payload of a function error, if it has one. */
export const errorTypeOf = (payload: Buffer): string => {
	try {
		return String(JSON.parse(payload.toString()).errorType ?? "Unhandled");
	} catch {
		return "Unhandled";
	}
};
