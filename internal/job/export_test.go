package job

// RenewOnce is what the background does three times per lease.
var RenewOnce = (*Queue).renewOnce
