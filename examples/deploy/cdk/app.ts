import { App } from "aws-cdk-lib";
import { OrdersStack } from "./stack.js";

new OrdersStack(new App(), "Orders");
