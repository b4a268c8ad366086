package meeting

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"hearth/internal/fault"
)

// innerNetworks are addresses that are not somebody else's public server: our own machine and network,
// ranges without a public meaning, and ranges that wrap another address and so could hide one of these.
var innerNetworks = func() []netip.Prefix {
	var ps []netip.Prefix
	for _, p := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"::/96", "::ffff:0:0/96", // unspecified, loopback, IPv4 inside IPv6
		"64:ff9b::/96", "64:ff9b:1::/48", // NAT64
		"100::/64", "2001::/23", "2001:db8::/32", "2002::/16", // discard, Teredo and kin, examples, 6to4
		"3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
	} {
		ps = append(ps, netip.MustParsePrefix(p))
	}
	return ps
}()

func isInner(a netip.Addr) bool {
	a = a.WithZone("")
	for _, p := range innerNetworks {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func errInner() error {
	return fault.New(fault.Invalid, "The feed's address leads to a private network, where feeds may not be.")
}

// refuseInner is a net.Dialer's Control: it sees the address that is about to be dialled.
func refuseInner(network, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return errInner()
	}
	a, err := netip.ParseAddr(host)
	if err != nil || isInner(a) {
		return errInner()
	}
	return nil
}

// checkTarget refuses what can be seen to be wrong before anything is dialled.
func checkTarget(u *url.URL, allowPrivate bool) error {
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fault.New(fault.Invalid, "The address must begin with https:// or http://.")
	}
	if allowPrivate {
		return nil
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return errInner()
	}
	if a, err := netip.ParseAddr(host); err == nil && isInner(a) {
		return errInner()
	}
	return nil
}
