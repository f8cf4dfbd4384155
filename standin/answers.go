package standin

// Answers of the real API that were seen word for word, for Fault.Body.
const (
	// GatewayForbidden goes with 403: a call, or a kind, that an API key may not make.
	GatewayForbidden = `{"message":"API Keys cannot access protected resources"}`
	// PlanLimitReached goes with 429: no waiting helps.
	PlanLimitReached = `{"reason":"You have reached your plan's limit. Upgrade your plan to do more.","name":"PlanLimitReachedError",` +
		`"details":{"actionLimit":0,"actionName":"parallel-training","actionValue":0,"limitScope":"team"}}`
	// Cooldown goes with 429: the wait is told in the body, in seconds.
	Cooldown = `{"reason":"cooldown","remainingSeconds":900}`
)
