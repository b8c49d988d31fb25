# what the Linux kernel does otherwise, and why
send/minimum-time-out	the least time-out is 200 ms (TCP_RTO_MIN), as measurements allow on modern paths
timestamps/missing-dropped	a segment without timestamps is taken: middleboxes remove them
icmp/in-syn-received	a half-open connection is removed at once, without a reset
client/syn-backoff	the first four retransmissions of a SYN are a second apart (tcp_syn_linear_timeouts)
client/icmp-soft	any error ends a connect, so that a program can try another address (RFC 5461 2.2)
client/icmp-time-exceeded	any error ends a connect, so that a program can try another address (RFC 5461 2.2)
close/time-wait-reset	a reset ends TIME-WAIT, as RFC 9293 has it, unless net.ipv4.tcp_rfc1337 is set
send/restart-after-idle	with bbr, which paces instead; reno and cubic begin anew (tcp_slow_start_after_idle)
send/time-out-after-syn-loss	the round trip of earlier connections with an address is remembered (tcp_no_metrics_save)
