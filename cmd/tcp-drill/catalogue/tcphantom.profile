# what tcpfsm does otherwise, and why
send/minimum-time-out	the least time-out is 200 ms, as kernels have it; tcpfsm's --min-rto sets it
client/other-port	a client shares its address with others: it answers only for its own port
icmp/ping	tcpfsm is TCP alone: icmp-phantom answers pings
send/nagle	a command sends what it writes at once (TCP_NODELAY); what is served from a file does not
