import type { Fault } from "./fault.js";

/** An error response of the Invoke API. */
export interface Refusal {
	status: number;
	/** Value of `x-amzn-errortype`; none if the response does not come from Lambda itself. */
	errorType?: string;
	body: string;
	/** Further headers. */
	headers?: Record<string, string>;
}

/** An error of Lambda's own: JSON, and its type in a header. */
export const refusal = (status: number, errorType: string, body: Record<string, unknown>): Refusal => ({
	status,
	errorType,
	body: JSON.stringify(body),
});

const throttled = (Reason: string): Refusal =>
	refusal(429, "TooManyRequestsException", { Reason, Type: "User", message: "Rate Exceeded." });

/** The errors of the Invoke API, in Lambda's words. For those of a signature see `signatureRefusals`. */
export const refusals = {
	notFound: (arn: string) =>
		refusal(404, "ResourceNotFoundException", { Type: "User", Message: `Function not found: ${arn}` }),
	denied: (arn: string) =>
		refusal(403, "AccessDeniedException", {
			Message: `User: arn:aws:sts::123456789012:assumed-role/local/local is not authorized to perform: lambda:InvokeFunction on resource: ${arn} because no identity-based policy allows the lambda:InvokeFunction action`,
		}),
	reservedConcurrencyExceeded: () => throttled("ReservedFunctionConcurrentInvocationLimitExceeded"),
	service: (message: string) => refusal(500, "ServiceException", { Type: "Service", Message: message }),
	tenant: (isolated: boolean) =>
		refusal(400, "InvalidParameterValueException", {
			Type: "User",
			message: isolated
				? "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again."
				: "The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request and try again.",
		}),
	qualifierConflict: () =>
		refusal(400, "InvalidParameterValueException", {
			Type: "User",
			message: "The derived qualifier from the function name does not match the specified qualifier.",
		}),
	notJson: () =>
		refusal(400, "InvalidRequestContentException", {
			Type: "User",
			message: "Could not parse request body into json.",
		}),
	tooLarge: (bytes: number) =>
		refusal(413, "RequestTooLargeException", {
			Type: "User",
			message: `Request must be smaller than ${bytes} bytes for the InvokeFunction operation`,
		}),
};

const page = (status: number): string =>
	`<html>\n<head><title>${status}</title></head>\n<body>\n<center><h1>${status}</h1></center>\n</body>\n</html>\n`;

/** The error response that a fault asks for; undefined for other faults. */
export const refusalOfFault = (fault: Fault, arn: string): Refusal | undefined => {
	switch (fault) {
		case "throttle":
			return refusals.reservedConcurrencyExceeded();
		case "rate limit":
			return throttled("CallerRateLimitExceeded");
		case "deny":
			return refusals.denied(arn);
		case "error":
			return refusals.service("Internal failure");
	}
	if (typeof fault !== "object" || !("status" in fault)) return undefined;
	if ("kind" in fault) {
		return { status: fault.status, body: fault.body ?? page(fault.status), headers: { "content-type": "text/html" } };
	}
	const { status, errorType = "ServiceException", message = "", body, headers = {} } = fault;
	return { ...refusal(status, errorType, { message, ...body }), headers };
};
