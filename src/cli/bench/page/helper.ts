/** Entry point of a worker that helps our CPU engine in this page. */
import { channelFrom } from "../../../cpu/browser-channel";
import { help } from "../../../cpu/helper";
import { Replicas } from "../../../model/replica";

help(channelFrom(self), (device) => new Replicas(device).perform);
