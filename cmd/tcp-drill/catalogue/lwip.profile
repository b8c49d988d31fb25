# what lwIP does otherwise, and why
closed/reset-form	a reset has ACK in every case (tcp_rst)
handshake/link-broadcast	its drivers do not tell how a frame was addressed
handshake/isn-unrelated	initial numbers are a counter, unless LWIP_HOOK_TCP_ISN is defined
reset/flood-of-challenges	challenge ACKs are not limited
