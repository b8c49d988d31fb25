# what tcpfsm does otherwise, and why
send/minimum-time-out	the least time-out is 200 ms, as kernels have it; tcpfsm's --min-rto sets it
