"""Makes the calls on standard input with boto3, and prints what came of each: both in JSON."""

import json
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


def invoke(client, call):
    try:
        response = client.invoke(
            FunctionName=call["functionName"],
            InvocationType=call["invocationType"],
            Payload=json.dumps(call["payload"]),
            **({"Qualifier": call["qualifier"]} if "qualifier" in call else {}),
        )
    except ClientError as error:
        return {"error": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
    return {
        "statusCode": response["StatusCode"],
        "version": response.get("ExecutedVersion"),
        "functionError": response.get("FunctionError"),
        "payload": response["Payload"].read().decode(),
    }


client = boto3.client(
    "lambda",
    endpoint_url=os.environ["AWS_ENDPOINT_URL_LAMBDA"],
    region_name=os.environ["AWS_REGION"],
    config=Config(retries={"total_max_attempts": 1}),
)
print(json.dumps([invoke(client, call) for call in json.load(sys.stdin)]))
