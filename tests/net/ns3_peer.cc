/*
 * ns3_peer.cc - a device on the TCP of the ns-3 simulator, in real time: at
 * 10.2.0.2, on the tap interface that is named. At port 80 it answers a
 * request, up to an empty line, by a file, and closes. With more arguments it
 * is a client instead: it sends a request COUNT times, ten at a time, keeps
 * each answer in DIR, by number, and ends.
 *
 * usage: ns3_peer TAP ANSWER [ADDRESS PORT COUNT DIR REQUEST]
 */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <linux/if_tun.h>
#include <map>
#include <net/if.h>
#include <ns3/core-module.h>
#include <ns3/fd-net-device-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <string>
#include <sys/ioctl.h>

using namespace ns3;

enum { AT_ONCE = 10 };

static std::string answer, request, dir;
static Ptr<Node> node;

static std::string
contents(const char *name)
{
	std::ifstream in(name, std::ios::binary);

	return std::string(std::istreambuf_iterator<char>(in), {});
}

static std::string
text_of(Ptr<Packet> p)
{
	std::string s(p->GetSize(), '\0');

	p->CopyData(reinterpret_cast<uint8_t *>(&s[0]), p->GetSize());
	return s;
}

static void
send_all(Ptr<Socket> s, const std::string &text)
{
	s->Send(Create<Packet>(
	    reinterpret_cast<const uint8_t *>(text.data()), text.size()));
}

/* ---- the server ---- */

static std::map<Ptr<Socket>, std::string> asked;

static void
on_request(Ptr<Socket> s)
{
	Ptr<Packet> p;

	while ((p = s->Recv()) && p->GetSize() > 0)
		asked[s] += text_of(p);
	if (asked[s].find("\r\n\r\n") == std::string::npos)
		return;
	asked[s].clear();
	send_all(s, answer);
	s->Close();
}

static void
on_accept(Ptr<Socket> s, const Address &)
{
	s->SetRecvCallback(MakeCallback(&on_request));
}

static void
serve()
{
	Ptr<Socket> s = Socket::CreateSocket(
	    node, TcpSocketFactory::GetTypeId());

	s->Bind(InetSocketAddress(Ipv4Address::GetAny(), 80));
	s->Listen();
	s->SetAcceptCallback(
	    MakeNullCallback<bool, Ptr<Socket>, const Address &>(),
	    MakeCallback(&on_accept));
	printf("ready\n");
	fflush(stdout);
}

/* ---- the client ---- */

struct fetch {
	int number;
	std::string got;
};

static std::map<Ptr<Socket>, fetch> fetches;
static Address peer;
static int begun, wanted;

static void begin();

/* over - that one; the next begins, or all is done */
static void
over(Ptr<Socket> s)
{
	auto one = fetches.find(s);

	if (one == fetches.end())
		return;
	std::ofstream(
	    dir + "/" + std::to_string(one->second.number), std::ios::binary)
	    << one->second.got;
	fetches.erase(one);
	if (begun < wanted)
		Simulator::ScheduleNow(&begin);
	else if (fetches.empty())
		Simulator::Stop(Seconds(3)); /* what is still to be answered */
}

static void
on_data(Ptr<Socket> s)
{
	Ptr<Packet> p;

	while ((p = s->Recv()) && p->GetSize() > 0) {
		if (fetches.count(s) > 0)
			fetches[s].got += text_of(p);
	}
}

static void
on_connected(Ptr<Socket> s)
{
	send_all(s, request);
}

static void
on_peer_close(Ptr<Socket> s)
{
	on_data(s);
	s->Close();
	over(s);
}

static void
begin()
{
	Ptr<Socket> s = Socket::CreateSocket(
	    node, TcpSocketFactory::GetTypeId());

	if (begun == wanted)
		return;
	fetches[s] = {++begun, ""};
	s->SetConnectCallback(MakeCallback(&on_connected), MakeCallback(&over));
	s->SetRecvCallback(MakeCallback(&on_data));
	s->SetCloseCallbacks(MakeCallback(&on_peer_close), MakeCallback(&over));
	s->Bind();
	s->Connect(peer);
}

/* ---- the device ---- */

static int
open_tap(const char *name)
{
	int fd = open("/dev/net/tun", O_RDWR);
	struct ifreq r = {};

	strncpy(r.ifr_name, name, sizeof(r.ifr_name) - 1);
	r.ifr_flags = IFF_TAP | IFF_NO_PI;
	if (fd == -1 || ioctl(fd, TUNSETIFF, &r) == -1) {
		perror(name);
		exit(2);
	}
	return fd;
}

static void
plug(int fd)
{
	Ptr<FdNetDevice> device = CreateObject<FdNetDevice>();
	InternetStackHelper internet;
	Ipv4AddressHelper address;

	node = CreateObject<Node>();
	device->SetAddress(Mac48Address("02:00:00:00:00:33"));
	device->SetEncapsulationMode(FdNetDevice::DIX);
	device->SetFileDescriptor(fd);
	node->AddDevice(device);
	internet.Install(node);
	address.SetBase("10.2.0.0", "255.255.255.0", "0.0.0.2");
	address.Assign(NetDeviceContainer(device));
	Ipv4RoutingHelper::GetRouting<Ipv4StaticRouting>(
	    node->GetObject<Ipv4>()->GetRoutingProtocol())
	    ->SetDefaultRoute("10.2.0.1", 1);
}

int
main(int argc, char *argv[])
{
	int i;

	if (argc != 3 && argc != 8)
		return 2;
	GlobalValue::Bind("SimulatorImplementationType",
	    StringValue("ns3::RealtimeSimulatorImpl"));
	GlobalValue::Bind("ChecksumEnabled", BooleanValue(true));
	Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
	answer = contents(argv[2]);
	plug(open_tap(argv[1]));
	if (argc == 3) {
		Simulator::ScheduleWithContext(
		    node->GetId(), Seconds(0.1), &serve);
	} else {
		peer = InetSocketAddress(
		    Ipv4Address(argv[3]), (uint16_t)atoi(argv[4]));
		wanted = atoi(argv[5]);
		dir = argv[6];
		request = contents(argv[7]);
		for (i = 0; i < AT_ONCE && i < wanted; i++)
			Simulator::ScheduleWithContext(
			    node->GetId(), Seconds(0.1 + 0.01 * i), &begin);
	}
	Simulator::Run();
	Simulator::Destroy();
	return 0;
}
