/* frame-sender INTERFACE HEX: sends one frame as it is, by a packet socket. */
#include <arpa/inet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int
main (int argc, char **argv)
{
  unsigned char frame[1500];
  unsigned length = 0, byte;
  int fd = socket (AF_PACKET, SOCK_RAW, 0);
  struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex (argv[1]) };

  for (const char *p = argv[2]; sscanf (p, "%2x", &byte) == 1; p += 2)
    frame[length++] = byte;
  if (argc != 3 || sendto (fd, frame, length, 0, (struct sockaddr *) &to, sizeof to) < 0)
    return perror ("frame-sender"), 1;
  return 0;
}
