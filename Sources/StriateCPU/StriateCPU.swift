// StriateCPU
