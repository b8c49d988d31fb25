/*
 * phantom.c - is it for a phantom? See phantom.h.
 */
#include <stddef.h>
#include <stdint.h>

#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/phantom.h"

bool
phantom_is_at(const struct ip_addr *addr, const struct mac *mac,
    const struct mac *to, const struct ip_addr *dst)
{
	struct mac phantom;

	if (addr != NULL && !ip_equal(dst, addr))
		return false;
	if (mac != NULL)
		return mac_equal(to, mac) && ip_is_host(dst);
	if (addr != NULL)
		return true;
	mac_of_phantom(dst, &phantom);
	return mac_equal(to, &phantom) && ip_is_host(dst);
}

bool
phantom_may_be_at(
    const struct ip_addr *addr, const struct mac *mac, const struct mac *to)
{
	if (mac != NULL)
		return mac_equal(to, mac);
	return addr == NULL && to->b[0] == 0x02 && to->b[1] == 0x50;
}

bool
phantom_hears(const struct ip_addr *src, const struct mac *from,
    const struct ip_addr *dst)
{
	return ip_is_host(src) && !mac_is_group(from) && !ip_equal(src, dst);
}
