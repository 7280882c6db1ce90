// StriateInspect
