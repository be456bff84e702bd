variable "function" {
  description = "The function to keep warm: an aws_lambda_function, as a resource or as a data source."
  nullable    = false

  type = object({
    function_name = string
    arn           = string
    role          = string
  })
}

variable "alias" {
  description = "The alias to ping, if traffic goes through one. Give the name of the aws_lambda_alias, so that the schedule waits for it."
  type        = string
  default     = null
}

variable "concurrency" {
  description = "Execution environments to keep warm: a number from 1, or \"auto\" for as many as the traffic needs. Without it, the middleware's option decides."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^(auto|[1-9][0-9]*)$", coalesce(var.concurrency, "auto")))
    error_message = "concurrency must be a whole number from 1, or \"auto\"."
  }
}

variable "schedule" {
  description = "When to ping."
  type        = string
  default     = "rate(5 minutes)"
  nullable    = false

  validation {
    condition     = can(regex("^(rate|cron)\\(.+\\)$", var.schedule))
    error_message = "schedule must be an expression such as rate(5 minutes) or cron(0/5 8-17 ? * MON-FRI *)."
  }
}

variable "timezone" {
  description = "The time zone of a cron expression, such as \"Europe/Berlin\"."
  type        = string
  default     = "UTC"
}

variable "name" {
  description = "The name of the schedule, and what the other names begin with. A second schedule for the same function needs one. The default is made of the names of the function and the alias."
  type        = string
  default     = null
}

variable "flag" {
  description = "The ping's field that marks it as one: the middleware's option flag."
  type        = string
  default     = "warmer"
  nullable    = false
}

variable "concurrency_field" {
  description = "The ping's field for the number of environments: the middleware's option concurrencyField."
  type        = string
  default     = "concurrency"
  nullable    = false
}

variable "self_invoke" {
  description = "Whether to allow the function's role to invoke the function. If false, allow it elsewhere, or a ping reaches one environment only."
  type        = bool
  default     = true
  nullable    = false
}

variable "permissions_boundary" {
  description = "The ARN of a permissions boundary for the scheduler's role."
  type        = string
  default     = null
}

variable "alarm" {
  description = "Alarms on pings: on reaching less than minimum_coverage of the environments in an hour, and on silence_hours without a ping. The function needs JSON logs, and log_group_name a log group that exists."
  default     = null

  type = object({
    log_group_name   = string
    minimum_coverage = optional(number, 0.8)
    silence_hours    = optional(number)
    actions          = optional(list(string), [])
  })
}
