import middy from "@middy/core";
import { executionModeDurableContext } from "@middy/core/DurableContext";
import warmup from "middy-lambda-warmer";

const durable = middy({ executionMode: executionModeDurableContext })
	.use(warmup())
	.handler(async () => {
		console.log("business");
		return { statusCode: 200, body: "business" };
	});

// The part of the durable execution service, which the local Lambda does not have: an invocation's payload becomes the
// input of an execution, whose result is the invocation's answer. Neither a ping nor this business handler makes a
// checkpoint, so no further call of the service is needed.
export const handler = async (payload, context) => {
	const {
		Status,
		Result,
		Error: error,
	} = await durable(
		{
			DurableExecutionArn: `${context.invokedFunctionArn}/durable-execution/${context.awsRequestId}/1`,
			CheckpointToken: "token",
			InitialExecutionState: {
				Operations: [
					{
						Id: context.awsRequestId,
						Type: "EXECUTION",
						Status: "STARTED",
						StartTimestamp: Date.now(),
						ExecutionDetails: { InputPayload: JSON.stringify(payload) },
					},
				],
			},
		},
		context,
	);
	if (Status !== "SUCCEEDED") throw new Error(`${Status} ${error?.ErrorMessage}`);
	return JSON.parse(Result);
};
