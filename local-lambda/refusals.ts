import type { Fault } from "./types.js";

/** How the Invoke API refuses a request. */
export interface Refusal {
	status: number;
	/** Value of `x-amzn-errortype`. */
	errorType: string;
	/** JSON, in the shape that Lambda gives that error. */
	body: string;
	/** Further headers. */
	headers?: Record<string, string>;
}

const refusal = (status: number, errorType: string, body: Record<string, unknown>): Refusal => ({
	status,
	errorType,
	body: JSON.stringify(body),
});

/** The refusals of the Invoke API, worded as Lambda words them. */
export const refusals = {
	notFound: (arn: string) =>
		refusal(404, "ResourceNotFoundException", { Type: "User", Message: `Function not found: ${arn}` }),
	denied: (arn: string) =>
		refusal(403, "AccessDeniedException", {
			Message: `User: arn:aws:sts::123456789012:assumed-role/local/local is not authorized to perform: lambda:InvokeFunction on resource: ${arn} because no identity-based policy allows the lambda:InvokeFunction action`,
		}),
	throttled: () =>
		refusal(429, "TooManyRequestsException", {
			Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
			Type: "User",
			message: "Rate Exceeded.",
		}),
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
	/** What a fault function asked for, if that is a refusal. */
	ofFault: (fault: Fault, arn: string): Refusal | undefined => {
		if (fault === "throttle") return refusals.throttled();
		if (fault === "deny") return refusals.denied(arn);
		if (fault === "error") return refusals.service("Internal failure");
		if (typeof fault !== "object" || !("status" in fault)) return undefined;
		const { status, errorType = "ServiceException", message = "" } = fault;
		const { body, headers = {} } = fault;
		return { ...refusal(status, errorType, { message, ...body }), headers };
	},
};
