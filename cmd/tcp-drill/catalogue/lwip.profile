# what lwIP does otherwise, and why
closed/reset-form	a reset has ACK in every case (tcp_rst)
handshake/link-broadcast	its drivers do not tell how a frame was addressed
handshake/isn-unrelated	initial numbers are a counter, unless LWIP_HOOK_TCP_ISN is defined
reset/flood-of-challenges	challenge ACKs are not limited
reset/challenges-limited	challenge ACKs are not limited
data/gap-filled	what fills a gap is acknowledged by the timer of a quarter of a second (tcp_receive)
data/no-ack-flag	data are taken from any segment in the window, with ACK or without
data/no-flags	data are taken from any segment in the window, with ACK or without
data/ack-too-high-with-data	the ACK is not believed, but the data beside it are taken
data/ack-too-old	data are taken whatever their ACK is: RFC 5961 5.2 is not there
send/mss-tiny	a write needs a buffer for each segment: with an MSS of 1 there are not so many
send/recovery-next-hole	a partial ACK brings nothing back: the timer does
client/icmp-hard	ICMP errors are not looked at
client/ack-without-syn	what has no SYN is taken for half of an older connection, and reset
client/fin-in-syn-sent	what has no SYN is taken for half of an older connection, and reset
client/simultaneous-open	it is not there: a SYN without ACK is dropped in SYN-SENT
client/simultaneous-open-ack	it is not there: a SYN without ACK is dropped in SYN-SENT
client/syn-backoff	the time-out of a SYN stays as it is (tcp_slowtmr)
client/isn-unrelated	initial numbers are a counter, unless LWIP_HOOK_TCP_ISN is defined
send/initial-window-after-loss	a lost SYN-ACK changes no window
