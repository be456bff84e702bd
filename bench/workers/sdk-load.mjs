// Prints how many ms of processor time it takes to load the AWS SDK. Usage: node sdk-load.mjs
const before = process.cpuUsage();
await import("@aws-sdk/client-lambda");
const { user, system } = process.cpuUsage(before);
process.stdout.write(String((user + system) / 1000));
